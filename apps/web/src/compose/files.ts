/** Files on their way into a draft. */

/** Whether the browser still reads a file: not folders, nor what was changed or removed after it was picked. */
async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer()
    return true
  } catch {
    return false
  }
}

export async function splitReadable(files: readonly File[]): Promise<{ readable: File[]; unreadable: File[] }> {
  const readability = await Promise.all(files.map(isReadable))
  return {
    readable: files.filter((_, i) => readability[i]),
    unreadable: files.filter((_, i) => !readability[i]),
  }
}

/** Gives each of `added` a name that no file bears yet: every pasted screenshot is called image.png. */
export function withFreeNames(added: readonly File[], taken: readonly File[]): File[] {
  const names = new Set(taken.map(({ name }) => name))
  return added.map((file) => {
    let name = file.name
    for (let number = 2; names.has(name); number++) name = numbered(file.name, number)
    names.add(name)
    return name === file.name ? file : new File([file], name, { type: file.type, lastModified: file.lastModified })
  })
}

/** `image.png` → `image-2.png` */
const numbered = (name: string, number: number): string => name.replace(/(\.[^.]+)?$/, (end) => `-${number}${end}`)

/** The files of a paste, unless there is text to paste: spreadsheets put a picture beside it. */
export const pastedFiles = (data: DataTransfer | null): File[] =>
  data && !data.types.includes('text/plain') ? [...data.files] : []

export const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
