/** What programs send to the bridge: see apps/api/test/support/growth.ts for how a parser gets in here. */
import { testGrowth } from '../../../apps/api/test/support/growth.ts'
import { openMetadataKey } from '../src/keys.ts'
import { maskEmail } from '../src/onetime/mask.ts'
import { fromPairs, numberOf, textsOf } from '../src/onetime/params.ts'
import { useBridge } from './support/bridge.ts'

const { call } = useBridge()
const headers = ['Authorization', 'Connection', 'Content-Type', 'X-Forwarded-For', 'User-Agent', 'Accept', 'Cookie']

testGrowth({
  'any header': {
    parse: (text) =>
      call('GET', '/api/v1/status', { headers: Object.fromEntries(headers.map((name) => [name, `x${text}x`])) }),
    length: 512,
  },
  credentials: {
    parse: (text) =>
      call('GET', '/api/v1/authcheck', {
        headers: { Authorization: `Basic ${Buffer.from(text).toString('base64')}`, Cookie: `Bearer ${text}` },
      }),
    length: 256,
  },
  'a path': { parse: (text) => call('POST', `/api/v1/secret/${text}`), length: 512 },
  parameters: {
    parse: (text) => fromPairs(new URLSearchParams(text)),
    units: ['a[]=1&', 'a[b]=1&', (index) => `a[${index}]=1&`, (index) => `a${index}=1&`],
    length: 4096,
  },
  'a list': (text) => textsOf(text),
  'a number': (text) => numberOf(text),
  'an e-mail address': (text) => maskEmail(text),
  'a metadata key': (text) => openMetadataKey(text),
})
