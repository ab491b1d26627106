// Runs other people's JavaScript verifiers over what one file asks, without a network: what they would fetch is given.
import {readFileSync, writeFileSync} from 'node:fs';

const [, , input, output] = process.argv;
const {documents, tasks} = JSON.parse(readFileSync(input, 'utf8'));

// Verifiers that fetch by themselves get the given documents and nothing else.
globalThis.fetch = async request => {
  const url = typeof request === 'string' ? request : request.url ?? String(request);
  const found = documents[url];
  return new Response(found ? JSON.stringify(found) : 'not here', {
    status: found ? 200 : 404,
    headers: {'content-type': 'application/ld+json'}
  });
};

const vc = await import('@digitalbazaar/vc');
const {DataIntegrityProof} = await import('@digitalbazaar/data-integrity');
const rdfc = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const jcs = await import('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
const Multikey = await import('@digitalbazaar/ed25519-multikey');
const canonize = await import('rdf-canonize');

async function documentLoader(url) {
  const found = documents[url];
  if(!found) {
    throw new Error(`not given: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: found, tag: 'static'};
}

const verifying = {
  'eddsa-rdfc-2022': () => new DataIntegrityProof({cryptosuite: rdfc.cryptosuite}),
  'eddsa-jcs-2022': () => new DataIntegrityProof({cryptosuite: jcs.createVerifyCryptosuite()})
};
const signing = {
  'eddsa-rdfc-2022': () => rdfc.cryptosuite,
  'eddsa-jcs-2022': () => jcs.createSignCryptosuite()
};

function reason(result) {
  const errors = [result.error, ...(result.error?.errors ?? [])].filter(Boolean);
  return errors.map(error => error.cause?.message ?? error.message).join('; ');
}

const work = {
  async verify({document, suites}) {
    const suite = suites.map(name => verifying[name]());
    const result = await vc.verifyCredential({
      credential: document, suite, documentLoader, checkStatus: async () => ({verified: true})
    });
    return {verified: result.verified, proofs: result.results?.map(each => each.verified), reason: reason(result)};
  },
  async present({document, suites, challenge, domain}) {
    const suite = suites.map(name => verifying[name]());
    const result = await vc.verify({
      presentation: document, challenge, domain, suite, documentLoader, checkStatus: async () => ({verified: true})
    });
    return {verified: result.verified, reason: reason(result)};
  },
  async issue({document, suite, key, created}) {
    const pair = await Multikey.from(key);
    const signer = pair.signer();
    const proof = new DataIntegrityProof({signer, date: created, cryptosuite: signing[suite]()});
    return vc.issue({credential: document, suite: proof, documentLoader});
  },
  async show({document, suite, key, created, challenge, domain}) {
    const pair = await Multikey.from(key);
    const proof = new DataIntegrityProof({signer: pair.signer(), date: created, cryptosuite: signing[suite]()});
    return vc.signPresentation({presentation: document, challenge, domain, suite: proof, documentLoader});
  },
  async core({document}) {
    const {verifyCredential} = await import('@digitalcredentials/verifier-core');
    const result = await verifyCredential({credential: document, knownDIDRegistries: []});
    const steps = Object.fromEntries((result.log ?? []).map(step => [step.id, step.valid]));
    return {steps, errors: (result.errors ?? []).map(error => error.message)};
  },
  async canonize({nquads}) {
    return canonize.canonize(nquads, {
      algorithm: 'RDFC-1.0', inputFormat: 'application/n-quads', format: 'application/n-quads', maxWorkFactor: 9
    });
  },
  async time({document, suites, rounds}) {
    const suite = suites.map(name => verifying[name]());
    const options = {credential: document, suite, documentLoader, checkStatus: async () => ({verified: true})};
    const seconds = [];
    for(let round = 0; round < rounds + 20; round++) {
      const started = performance.now();
      const result = await vc.verifyCredential(options);
      if(!result.verified) {
        throw new Error(reason(result));
      }
      seconds.push((performance.now() - started) / 1000);
    }
    return seconds.slice(20);
  }
};

const answers = [];
for(const {task, ...asked} of tasks) {
  try {
    answers.push(await work[task](asked));
  } catch(error) {
    answers.push({failed: error.message, cause: error.cause?.message});
  }
}
writeFileSync(output, JSON.stringify(answers));
