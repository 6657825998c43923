/** A dedicated or a service worker: replies to each message, which holds the server's address, with what was read. */
import { roundTrip } from './round-trip.js'

addEventListener('message', (event) => {
  const { data, ports } = /** @type {MessageEvent<string>} */ (event)
  roundTrip(data).then(
    (text) => ports[0]?.postMessage(text),
    (error) => ports[0]?.postMessage(String(error)),
  )
})
