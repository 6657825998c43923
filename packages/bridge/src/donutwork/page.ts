/** Lists in pages. */
import type { Pagination } from '@halfkey/sdk'
import type { Call } from './call.ts'

const LARGEST_PAGE = 100

/** What is left out or isn't a whole number from 1 is as if it weren't asked for; a larger page is the largest. */
export function readPage({ c }: Call): { limit: number; page: number } {
  const numberOf = (name: string, most: number, standard: number): number => {
    const text = c.req.query(name) ?? ''
    return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Math.min(Number(text), most) : standard
  }
  return { limit: numberOf('size', LARGEST_PAGE, LARGEST_PAGE), page: numberOf('page', 1e8, 1) }
}

export function presentPage(
  entities: string,
  { total, perPage, currentPage, lastPage }: Pagination,
  elements: object[],
) {
  return { entities, count: total, per_page: perPage, pages: { current: currentPage, max: lastPage }, elements }
}
