// Lets a file be dropped anywhere on its field. The native file control does the rest, and does all of it without us.

for (const area of document.querySelectorAll("[data-file-drop]")) {
  const input = area.querySelector("input[type=file]");
  if (!input) continue;

  for (const kind of ["dragenter", "dragover"]) {
    area.addEventListener(kind, (event) => {
      event.preventDefault();
      area.classList.add("is-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("is-over"));

  area.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = event.dataTransfer?.files;
    if (!files?.length || input.disabled) return;
    const taken = new DataTransfer();
    for (const file of input.multiple ? files : [files[0]]) taken.items.add(file);
    input.files = taken.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
