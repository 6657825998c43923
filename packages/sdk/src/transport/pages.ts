/** Query strings and numbered pages: how the API is asked for lists. */
import type { Pagination } from '../workspace/records.ts'

/** A query string. Parameters that are undefined are left out; times are ISO 8601. */
export function queryOf(parameters: Record<string, string | number | Date | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, value instanceof Date ? value.toISOString() : String(value))
  }
  return query.toString()
}

/** Every page of a list, first to last. Each page says anew which one is the last. */
export async function* pagesOf<Page extends { pagination: Pagination }>(
  read: (page: number) => Promise<Page>,
): AsyncGenerator<Page, void, undefined> {
  for (let page = 1, lastPage = 1; page <= lastPage; page++) {
    const found = await read(page)
    lastPage = found.pagination.lastPage
    yield found
  }
}
