/** What is known of files before they are loaded, and whether this browser can take them. */

/** File System Access (WICG), which TypeScript's DOM doesn't know. */
type ShowSaveFilePicker = (options: { suggestedName: string }) => Promise<FileSystemFileHandle>

/** Where it is there, a file is written as it comes. */
export const picker = (): ShowSaveFilePicker | undefined =>
  (globalThis as { showSaveFilePicker?: ShowSaveFilePicker }).showSaveFilePicker?.bind(globalThis)

/** Bytes that a page may well hold in memory, and so the most that is saved where the browser can't write as it reads. */
const MAX_IN_MEMORY = 512 * 2 ** 20

export const sizeOf = (files: readonly { size: number }[]): number => files.reduce((sum, { size }) => sum + size, 0)

/** Whether one of the files is too large for this browser. */
export const isTooLarge = (files: readonly { size: number }[]): boolean =>
  !picker() && files.some(({ size }) => size > MAX_IN_MEMORY)
