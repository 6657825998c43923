import type { WireStatus } from '@halfkey/sdk'
import { usePage } from './page.ts'
import { Chip, type Tone } from './pieces.tsx'

const TONES: Record<WireStatus, Tone> = {
  active: 'good',
  uploading: 'plain',
  viewed: 'plain',
  expired: 'plain',
  burned: 'plain',
  locked: 'bad',
}

export function StatusChip({ status }: { status: WireStatus }) {
  const { words } = usePage()
  return <Chip tone={TONES[status]} text={words.statuses[status]} />
}
