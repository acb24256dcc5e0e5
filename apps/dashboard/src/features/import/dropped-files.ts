/** A file that somebody chose, with its place below what was chosen. */
export type ChosenFile = { path: string; file: File };

const asFile = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A folder is read in portions; an empty one ends it. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    for (const entry of some) all.push(entry);
  }
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

async function filesBelow(entry: FileSystemEntry): Promise<ChosenFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (!isFolder(entry)) return [{ path, file: await asFile(entry as FileSystemFileEntry) }];
  const found: ChosenFile[] = [];
  for (const inner of await entriesOf(entry)) for (const file of await filesBelow(inner)) found.push(file);
  return found;
}

/** All files of what was dropped, folders with what is in them. */
export async function droppedFiles(transfer: DataTransfer): Promise<ChosenFile[]> {
  // Entries must be asked for at once: after the event they are gone.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: ChosenFile[] = [];
  for (const entry of entries) for (const file of await filesBelow(entry)) found.push(file);
  return found;
}

/** Files of a dialog; those of a folder have their place below it. */
export const chosenFiles = (list: FileList): ChosenFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
