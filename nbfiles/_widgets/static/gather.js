// What was dropped, chosen or pasted, as a flat list of files.

// As in filing/gather.py: in a folder, what is hidden or what programs write is not meant.
const NOT_MEANT = new Set(["__pycache__", "nbfiles_out"]);

/** Whether a path inside a folder is meant. @param {string} path */
export function isMeant(path) {
  return path.split("/").every((part) => part[0] !== "." && !NOT_MEANT.has(part));
}

/**
 * The files of a drop or a paste, those in folders included. The entries are taken at once: the browser
 * forgets them when the event is over.
 * @param {DataTransfer} data
 * @returns {Promise<File[]>}
 */
export async function filesOf(data) {
  const items = [...data.items].filter((item) => item.kind === "file");
  const taken = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const found = await Promise.all(
    taken.map(([entry, file]) => (entry?.isDirectory ? inFolder(entry) : file ? [file] : [])),
  );
  return found.flat();
}

/** The files that a dialog for folders gave, without those that are not meant. @param {Iterable<File>} files */
export function meantOf(files) {
  return [...files].filter((file) => {
    const inside = file.webkitRelativePath.split("/").slice(1).join("/");
    return file.size > 0 && isMeant(inside);
  });
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<File[]>} */
async function inFolder(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // 100 at a time
    if (!some.length) break;
    entries.push(...some);
  }
  const meant = entries.filter((entry) => isMeant(entry.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = await Promise.all(meant.map((entry) => (entry.isDirectory ? inFolder(entry) : fileOf(entry))));
  return found.flat().filter((file) => file.size > 0);
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File[]>} */
function fileOf(entry) {
  return new Promise((done) => entry.file((file) => done([file]), () => done([])));
}
