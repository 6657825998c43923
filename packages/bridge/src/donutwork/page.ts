/** Pagination of lists. */
import type { Pagination } from '@halfkey/sdk'
import type { Call } from './call.ts'

const MAX_PAGE_SIZE = 100

/** Missing or invalid numbers get the default; a larger page size gets the maximum. */
export function readPage({ c }: Call): { limit: number; page: number } {
  const numberOf = (name: string, max: number, fallback: number): number => {
    const text = c.req.query(name) ?? ''
    return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Math.min(Number(text), max) : fallback
  }
  return { limit: numberOf('size', MAX_PAGE_SIZE, MAX_PAGE_SIZE), page: numberOf('page', 1e8, 1) }
}

export function presentPage(
  entities: string,
  { total, perPage, currentPage, lastPage }: Pagination,
  elements: object[],
) {
  return { entities, count: total, per_page: perPage, pages: { current: currentPage, max: lastPage }, elements }
}
