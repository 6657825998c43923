/** For Cloudflare's Workers: replies to each request, whose query holds the server's address, with what was read. */
import { roundTrip } from './round-trip.js'

export default {
  /** @param {Request} request */
  async fetch(request) {
    const address = new URL(request.url).searchParams.get('url') ?? ''
    return new Response(await roundTrip(address).catch(String))
  },
}
