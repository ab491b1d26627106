// Takes the token that a mailed link carries after its # into the field, and out of the address bar and the history.
// What stands after # never reaches the server; without scripts the token is typed.

const field = document.querySelector("[data-token-from-address]");
if (field && location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
