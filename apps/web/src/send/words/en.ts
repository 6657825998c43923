import { shared } from '../../ui/words/en.ts'

export const words = {
  ...shared,
  documentTitle: 'Share a secret · Halfkey',
  title: 'Share a secret',
  inATerminal: 'In a terminal, in the folder of Halfkey:',
}
