/** Named secrets for backends: the list, and a new one. */
import type { KmsEntry } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Field } from '../ui/field.tsx'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { NamedSecret } from './named-secret.tsx'
import { useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Rows, SearchActions } from './paged.tsx'
import { Ago, Chip } from './pieces.tsx'
import { PutForm } from './put-form.tsx'
import { hrefOf } from './route.ts'
import type { PartProps } from './shell.tsx'

const PER_PAGE = 20

interface Filter {
  prefix: string
  page: number
}

export function Part({ item, focused }: PartProps) {
  const [filter, setFilter] = useState<Filter>({ prefix: '', page: 1 })
  return item === undefined ? (
    <List filter={filter} onFilter={setFilter} focused={focused} />
  ) : (
    <NamedSecret key={item} handler={item} focused={focused} />
  )
}

interface ListProps {
  filter: Filter
  onFilter: (filter: Filter) => void
  focused: boolean
}

function List({ filter, onFilter, focused }: ListProps) {
  const { words } = usePage()
  const { client, hasKey } = useOwner()
  const { prefix, page } = filter
  const [typed, setTyped] = useState(prefix)
  const entries = useLoad(
    (signal) => client.kms.list({ prefix: prefix === '' ? undefined : prefix, limit: PER_PAGE, page, signal }),
    [prefix, page],
  )
  return (
    <>
      <Heading text={words.parts.named} focused={focused} />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field id="prefix" label={words.prefix} value={typed} onValue={setTyped} dir="ltr" />
        <SearchActions
          typed={typed}
          sought={prefix}
          onSearch={(text) => onFilter({ prefix: text, page: 1 })}
          onRefresh={entries.again}
        />
      </form>
      <Loaded of={entries}>
        {({ entries: found, pagination }) => (
          <Rows
            none={words.noNamed}
            rows={found.map((entry) => (
              <Row key={entry.handler} entry={entry} />
            ))}
            pagination={pagination}
            onPage={(number) => onFilter({ ...filter, page: number })}
          />
        )}
      </Loaded>
      {hasKey && (
        <section class="stack" aria-labelledby="new-title">
          <h2 id="new-title">{words.newNamed}</h2>
          <PutForm
            onPut={(handler) => {
              location.hash = hrefOf('named', handler)
            }}
          />
        </section>
      )}
    </>
  )
}

function Row({ entry }: { entry: KmsEntry }) {
  const { words, formats } = usePage()
  const { handler, name, metaError, version, updatedAt, expiresAt, destroyedAt, rotationDue, rotationDueAt } = entry
  return (
    <li>
      <div class="row">
        <a class="name" href={hrefOf('named', handler)}>
          <bdi translate={false}>{handler}</bdi>
        </a>
        {rotationDue && <Chip tone="bad" text={words.rotationDue} />}
        {destroyedAt && <Chip tone="plain" text={words.versionDestroyed} />}
        {expiresAt && expiresAt.getTime() < Date.now() && <Chip tone="plain" text={words.statuses.expired} />}
      </div>
      {metaError && <p class="error">{words.sealedOtherwise}</p>}
      <p class="hint parts">
        {name !== undefined && <bdi translate={false}>{name}</bdi>}
        <span>{words.version(formats.number(version))}</span>
        <span>
          {words.changed} <Ago at={updatedAt} />
        </span>
        {expiresAt && (
          <span>
            {words.ends} <Ago at={expiresAt} />
          </span>
        )}
        {rotationDueAt && !rotationDue && (
          <span>
            {words.rotates} <Ago at={rotationDueAt} />
          </span>
        )}
      </p>
    </li>
  )
}
