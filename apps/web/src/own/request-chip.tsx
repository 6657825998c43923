import type { WireRequestStatus } from '@halfkey/sdk'
import { usePage } from './page.ts'
import { Chip } from './pieces.tsx'

export function RequestChip({ status }: { status: WireRequestStatus }) {
  const { words } = usePage()
  return <Chip tone={status === 'open' ? 'good' : 'plain'} text={words.requests.states[status]} />
}
