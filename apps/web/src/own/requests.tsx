/** The workspace's requests: the list, and making a new one. */
import type { RequestDetails, SharedRequest, WireRequestStatus } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { NewLinks, NewRequest } from './new-request.tsx'
import { useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Rows } from './paged.tsx'
import { Ago, Choice } from './pieces.tsx'
import { Request } from './request.tsx'
import { RequestChip } from './request-chip.tsx'
import { hrefOf } from './route.ts'
import type { PartProps } from './shell.tsx'

const PER_PAGE = 20

const STATUSES = ['open', 'answered', 'expired', 'withdrawn'] as const satisfies WireRequestStatus[]

interface Filter {
  status: WireRequestStatus | ''
  page: number
}

export function Part({ item, focused }: PartProps) {
  const [filter, setFilter] = useState<Filter>({ status: '', page: 1 })
  return item === undefined ? (
    <List filter={filter} onFilter={setFilter} focused={focused} />
  ) : (
    <Request key={item} slug={item} focused={focused} />
  )
}

interface ListProps {
  filter: Filter
  onFilter: (filter: Filter) => void
  focused: boolean
}

function List({ filter, onFilter, focused }: ListProps) {
  const { words } = usePage()
  const { client } = useOwner()
  const { status, page } = filter
  const [made, setMade] = useState<SharedRequest>()
  const requests = useLoad(
    (signal) => client.listRequests({ limit: PER_PAGE, page, status: status === '' ? undefined : status, signal }),
    [status, page],
  )
  return (
    <>
      <Heading text={words.parts.requests} focused={focused} />
      {made && <NewLinks made={made} onClose={() => setMade(undefined)} />}
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          id="status"
          label={words.status}
          value={status}
          options={[['', words.any], ...STATUSES.map((name) => [name, words.requests.states[name]] as const)]}
          onValue={(chosen) => onFilter({ status: chosen, page: 1 })}
        />
        <div class="actions">
          <Button kind="quiet" onPress={requests.again}>
            {words.refresh}
          </Button>
        </div>
      </form>
      <Loaded of={requests}>
        {({ requests: found, pagination }) => (
          <Rows
            none={words.requests.none}
            rows={found.map((request) => (
              <Row key={request.slug} request={request} />
            ))}
            pagination={pagination}
            onPage={(number) => onFilter({ ...filter, page: number })}
          />
        )}
      </Loaded>
      <NewRequest
        onMade={(request) => {
          setMade(request)
          requests.again()
        }}
      />
    </>
  )
}

function Row({ request }: { request: RequestDetails }) {
  const { words, formats } = usePage()
  const { slug, description, metaError, status, creator, answersCount, maximumAnswers, createdAt, expiration } = request
  return (
    <li>
      <div class="row">
        <a class="name" href={hrefOf('requests', slug)}>
          <bdi translate={false}>{description ?? slug}</bdi>
        </a>
        <RequestChip status={status} />
      </div>
      {metaError && <p class="error">{words.sealedOtherwise}</p>}
      <p class="hint parts">
        {description !== undefined && <code translate={false}>{slug}</code>}
        <span>
          {words.madeBy} <bdi translate={false}>{creator}</bdi>
        </span>
        <span>
          {words.made} <Ago at={createdAt} />
        </span>
        <span>{words.requests.answersOf(formats.number(answersCount), formats.number(maximumAnswers))}</span>
        {status === 'open' && (
          <span>
            {words.ends} <Ago at={expiration} />
          </span>
        )}
      </p>
    </li>
  )
}
