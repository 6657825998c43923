/** What a receipt's holder asks the server (spec/protocol.md section 10, step 4). */
import { HalfkeyError, openReceipt, type Receipt, type ReceiptStatus } from '@halfkey/sdk'

/** What became of the answer, as the server says. */
export interface Known {
  receipt: Receipt
  status: ReceiptStatus
  at: Date
}

/** Of the link in the address bar, where it stays: whoever keeps it may come back. */
export async function look(): Promise<Known> {
  const receipt = await openReceipt(location.href)
  return lookAgain(receipt)
}

export async function lookAgain(receipt: Receipt): Promise<Known> {
  return { receipt, status: await receipt.status(), at: new Date() }
}

/** Destroys the answer, unless it was opened. @returns what became of it, either way */
export async function takeBack(receipt: Receipt): Promise<Known> {
  try {
    await receipt.withdraw()
  } catch (error) {
    const isOpened = error instanceof HalfkeyError && error.code === 'CONFLICT'
    if (!isOpened) throw error
  }
  return lookAgain(receipt)
}
