/** Lists that come a page at a time. */
import type { Pagination } from '@halfkey/sdk'
import type { ComponentChildren } from 'preact'
import { Button } from '../ui/button.tsx'
import { usePage } from './page.ts'
import { Pager } from './pieces.tsx'

interface SearchActionsProps {
  typed: string
  /** What is looked for now. */
  sought: string
  onSearch: (text: string) => void
  onRefresh: () => void
}

/** Looking for the same again asks the server again. */
export function SearchActions({ typed, sought, onSearch, onRefresh }: SearchActionsProps) {
  const { words } = usePage()
  const search = (): void => {
    if (typed.trim() === sought) onRefresh()
    onSearch(typed.trim())
  }
  return (
    <div class="actions">
      <Button submit onPress={search}>
        {words.search}
      </Button>
      <Button kind="quiet" onPress={onRefresh}>
        {words.refresh}
      </Button>
    </div>
  )
}

interface RowsProps {
  /** Said if there are none. */
  none: string
  rows: ComponentChildren[]
  pagination: Pagination
  onPage: (page: number) => void
}

export function Rows({ none, rows, pagination, onPage }: RowsProps) {
  if (rows.length === 0) return <p role="status">{none}</p>
  return (
    <>
      <ul class="rows">{rows}</ul>
      <Pager pagination={pagination} onPage={onPage} />
    </>
  )
}
