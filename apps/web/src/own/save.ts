import { picker } from '../open/sizes.ts'

/**
 * Saves what comes where its reader says, as it comes; by way of memory where the browser can't do that.
 *
 * @param open  called once the reader has said where
 * @returns whether it was saved: false if its reader called it off
 */
export async function saveStream(name: string, open: () => Promise<ReadableStream<Uint8Array>>): Promise<boolean> {
  const pick = picker()
  if (!pick) {
    download(await new Response((await open()) as ReadableStream<Uint8Array<ArrayBuffer>>).blob(), name)
    return true
  }
  try {
    const file = await pick({ suggestedName: name })
    const stream = await open()
    await stream.pipeTo(await file.createWritable())
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false
    throw error
  }
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
