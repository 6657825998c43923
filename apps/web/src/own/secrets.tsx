/** The workspace's secrets: the list, with what may be looked for in it. */
import type { SecretDetails, WireStatus } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Field } from '../ui/field.tsx'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Rows, SearchActions } from './paged.tsx'
import { Ago, Choice } from './pieces.tsx'
import { hrefOf } from './route.ts'
import { Secret } from './secret.tsx'
import type { PartProps } from './shell.tsx'
import { StatusChip } from './status.tsx'

const PER_PAGE = 20

const STATUSES = ['active', 'uploading', 'viewed', 'expired', 'burned', 'locked'] as const satisfies WireStatus[]

interface Filter {
  status: WireStatus | ''
  creator: string
  page: number
}

export function Part({ item, focused }: PartProps) {
  const [filter, setFilter] = useState<Filter>({ status: '', creator: '', page: 1 })
  return item === undefined ? (
    <List filter={filter} onFilter={setFilter} focused={focused} />
  ) : (
    <Secret key={item} slug={item} focused={focused} />
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
  const { status, creator, page } = filter
  const [typed, setTyped] = useState(creator)
  const secrets = useLoad(
    (signal) =>
      client.listSecrets({
        limit: PER_PAGE,
        page,
        status: status === '' ? undefined : status,
        creator: creator === '' ? undefined : creator,
        signal,
      }),
    [status, creator, page],
  )
  return (
    <>
      <Heading text={words.parts.secrets} focused={focused} />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          id="status"
          label={words.status}
          value={status}
          options={[['', words.any], ...STATUSES.map((name) => [name, words.statuses[name]] as const)]}
          onValue={(chosen) => onFilter({ ...filter, status: chosen, page: 1 })}
        />
        <Field id="creator" label={words.creator} value={typed} onValue={setTyped} />
        <SearchActions
          typed={typed}
          sought={creator}
          onSearch={(text) => onFilter({ ...filter, creator: text, page: 1 })}
          onRefresh={secrets.again}
        />
      </form>
      <Loaded of={secrets}>
        {({ secrets: found, pagination }) => (
          <Rows
            none={words.noSecrets}
            rows={found.map((secret) => (
              <Row key={secret.slug} secret={secret} />
            ))}
            pagination={pagination}
            onPage={(number) => onFilter({ ...filter, page: number })}
          />
        )}
      </Loaded>
    </>
  )
}

function Row({ secret }: { secret: SecretDetails }) {
  const { words, formats } = usePage()
  const { slug, description, metaError, status, creator, currentViews, maximumViews, createdAt, expiration } = secret
  const views =
    maximumViews === null
      ? words.viewsOfAny(formats.number(currentViews))
      : words.viewsOf(formats.number(currentViews), formats.number(maximumViews))
  return (
    <li>
      <div class="row">
        <a class="name" href={hrefOf('secrets', slug)}>
          <bdi translate={false}>{description ?? slug}</bdi>
        </a>
        <StatusChip status={status} />
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
        <span>{views}</span>
        {(status === 'active' || status === 'locked') && (
          <span>
            {words.ends} <Ago at={expiration} />
          </span>
        )}
        {secret.hasPassword && <span>{words.withPassword}</span>}
        {secret.attachmentsCount > 0 && <span>{words.withFiles(secret.attachmentsCount)}</span>}
      </p>
    </li>
  )
}
