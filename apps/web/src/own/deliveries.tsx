import type { Delivery, WireDeliveryStatus } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Failure, Loaded } from './loaded.tsx'
import { useAction, useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Ago, Chip, Choice, Pager, type Tone } from './pieces.tsx'

const PER_PAGE = 20

const STATUSES = ['pending', 'delivered', 'failed'] as const satisfies WireDeliveryStatus[]

const TONES: Record<WireDeliveryStatus, Tone> = { pending: 'plain', delivered: 'good', failed: 'bad' }

/** The workspace's notices, newest first. */
export function Deliveries() {
  const { words } = usePage()
  const { client } = useOwner()
  const [status, setStatus] = useState<WireDeliveryStatus | ''>('')
  const [page, setPage] = useState(1)
  const deliveries = useLoad(
    (signal) =>
      client.webhooks.deliveries({ status: status === '' ? undefined : status, limit: PER_PAGE, page, signal }),
    [status, page],
  )
  return (
    <section class="stack" aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">{words.deliveries}</h2>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          id="delivery-status"
          label={words.status}
          value={status}
          options={[['', words.any], ...STATUSES.map((name) => [name, words.deliveryStatuses[name]] as const)]}
          onValue={(chosen) => {
            setStatus(chosen)
            setPage(1)
          }}
        />
        <div class="actions">
          <Button onPress={deliveries.again}>{words.refresh}</Button>
        </div>
      </form>
      <Loaded of={deliveries}>
        {({ deliveries: found, pagination }) =>
          found.length === 0 ? (
            <p>{words.noDeliveries}</p>
          ) : (
            <>
              <ul class="rows">
                {found.map((delivery) => (
                  <Row key={delivery.id} delivery={delivery} onChanged={deliveries.again} />
                ))}
              </ul>
              <Pager pagination={pagination} onPage={setPage} />
            </>
          )
        }
      </Loaded>
    </section>
  )
}

function Row({ delivery, onChanged }: { delivery: Delivery; onChanged: () => void }) {
  const { words, formats } = usePage()
  const { client } = useOwner()
  const { failure, run } = useAction()
  const { id, kind, type, slug, handler, status, attempts, createdAt, nextAt, lastError } = delivery
  const redeliver = async (): Promise<void> => {
    if (await run(() => client.webhooks.redeliver(id).then(() => undefined))) onChanged()
  }
  return (
    <li>
      <div class="row">
        <span class="name">{words.notices[type]}</span>
        <Chip tone={TONES[status]} text={words.deliveryStatuses[status]} />
      </div>
      <p class="hint parts">
        <span>{words.kinds[kind]}</span>
        {(slug ?? handler) !== null && <code translate={false}>{slug ?? handler}</code>}
        <Ago at={createdAt} />
        <span>{words.attempts(formats.number(attempts))}</span>
        {status === 'pending' && nextAt && (
          <span>
            {words.nextTry} <Ago at={nextAt} />
          </span>
        )}
        {lastError !== null && <bdi translate={false}>{lastError}</bdi>}
      </p>
      <Failure error={failure} text={failure === undefined ? undefined : words.cantRedeliver} />
      {status === 'failed' && (
        <div class="actions">
          <Button aria-label={words.named(words.redeliver, id)} onPress={redeliver}>
            {words.redeliver}
          </Button>
        </div>
      )}
    </li>
  )
}
