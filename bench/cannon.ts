/** The same load from autocannon, the tool that others measure with: heavier, so the server gets less of the machine. */
import autocannon from 'autocannon'
import type { LoadResult, LoadSettings } from './load.ts'

/** The parts of a request that `requests.ts` wrote. */
function parse(bytes: Buffer): autocannon.Request {
  const text = bytes.toString('utf8')
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const [method, path = '/'] = first.split(' ')
  const headers = Object.fromEntries(
    lines.map((line) => line.split(': ')).filter(([name]) => !/^(host|content-length)$/i.test(name ?? '')),
  ) as Record<string, string>
  return { method: method as 'POST', path, headers, body: text.slice(end + 4) }
}

/**
 * Sends every request once over `connections` keep-alive connections; the first `warmUp` ones aren't measured.
 *
 * @throws Error for any reply but a 2xx, and for a connection that broke.
 */
export async function cannonade(
  address: string,
  requests: readonly Buffer[],
  { connections = 32, warmUp = 0, onWarm }: LoadSettings = {},
): Promise<LoadResult> {
  const parsed = requests.map(parse)
  let [sent, replied, startedAt, repliedAt] = [0, 0, 0, 0]
  const latencies: number[] = []
  const { non2xx, errors } = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: address,
        connections,
        amount: requests.length,
        requests: [{ setupRequest: (request) => ({ ...request, ...parsed[sent++ % parsed.length] }) }],
      },
      (error: Error | null, result) => {
        if (error) reject(error)
        else resolve(result)
      },
    )
    instance.on('response', (_client, _status, _bytes, ms) => {
      replied++
      // Autocannon itself ends at the next whole second.
      repliedAt = performance.now()
      if (replied > warmUp + 1) latencies.push(ms)
      if (replied !== warmUp + 1) return
      startedAt = repliedAt
      onWarm?.()
    })
  })
  const seconds = (repliedAt - startedAt) / 1000
  if (non2xx + errors > 0) throw new Error(`${non2xx} replies that failed, ${errors} connections that broke`)
  latencies.sort((a, b) => a - b)
  const quantile = (q: number): number => latencies[Math.ceil(q * latencies.length) - 1] ?? NaN
  return { rate: latencies.length / seconds, p50: quantile(0.5), p99: quantile(0.99) }
}
