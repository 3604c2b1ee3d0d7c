// What was dropped, chosen or pasted, as a flat list of files.

// As in nbfiles/_files/sources/resolve.py: in a folder, hidden files and what programs write are left out.
const EXCLUDED = new Set(["__pycache__", "nbfiles_out"]);

/** Whether a path inside a folder is taken. @param {string} path */
export function isIncluded(path) {
  return path.split("/").every((part) => part[0] !== "." && !EXCLUDED.has(part));
}

/**
 * The files of a drop or a paste, those in folders included. The entries are taken at once: the browser
 * forgets them when the event is over.
 * @param {DataTransfer} data
 * @returns {Promise<File[]>}
 */
export async function filesOf(data) {
  const items = [...data.items].filter((item) => item.kind === "file");
  const handles = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const files = await Promise.all(
    handles.map(([entry, file]) => (entry?.isDirectory ? inFolder(entry) : file ? [file] : [])),
  );
  return files.flat();
}

/** The files that a dialog for folders gave, without those that are left out. @param {Iterable<File>} files */
export function includedOf(files) {
  return [...files].filter((file) => {
    const inside = file.webkitRelativePath.split("/").slice(1).join("/");
    return file.size > 0 && isIncluded(inside);
  });
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<File[]>} */
async function inFolder(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // 100 at a time
    if (!some.length) break;
    entries.push(...some);
  }
  const included = entries.filter((entry) => isIncluded(entry.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = await Promise.all(included.map((entry) => (entry.isDirectory ? inFolder(entry) : fileOf(entry))));
  return files.flat().filter((file) => file.size > 0);
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File[]>} */
function fileOf(entry) {
  return new Promise((resolve) => entry.file((file) => resolve([file]), () => resolve([])));
}
