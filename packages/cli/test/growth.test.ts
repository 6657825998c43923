/** What files, servers and senders hand to the command line: see apps/api/test/support/growth.ts for how a parser gets in here. */
import { testGrowth } from '../../../apps/api/test/support/growth.ts'
import { referencesOf } from '../src/commands/verify.ts'
import { isSameServer, keysOf, slugOf } from '../src/context.ts'
import { secondsOf } from '../src/duration.ts'
import { readCsv } from '../src/import/csv.ts'
import { readDotenv } from '../src/import/dotenv.ts'
import { parseJson } from '../src/import/json-text.ts'
import { plan } from '../src/import/plan.ts'
import { formats, readSecrets } from '../src/import/read-file.ts'
import { printable } from '../src/io.ts'
import { keyOf } from '../src/recovery.ts'
import { parseEnv } from '../src/run/parse.ts'
import { headerProblems } from '../src/served-headers.ts'

testGrowth({
  ...Object.fromEntries(
    formats.map((format) => [`a file of ${format}`, (text: string) => readSecrets(Buffer.from(text), 'x', format)]),
  ),
  'a file of no known format': (text) => readSecrets(Buffer.from(text), text.slice(0, 1000), undefined),
  CSV: (text) => readCsv(`handler,value\n${text}`),
  'a .env file': { parse: (text) => readDotenv(`A=1\n${text}`), units: ['A=1\n', "A='1'\n", '# \n', 'A="\\"'] },
  'a value of a .env file': (text) => readDotenv(`A=${text}`),
  JSON: { parse: (text) => parseJson(`[${text}`), units: ['"a\\n",', '1,', '1.0e1,', (index) => `{"${index}":null},`] },
  'a handler to import to': (text) => plan([{ line: 1, key: text, value: text }], ''),
  'recovery words': (text) => keyOf(text),
  'a text to print': (text) => printable(text),
  'addresses of servers': (text) => isSameServer(`https://h/${text}`, text),
  'workspace keys': (text) => keysOf(text),
  'a slug or link': (text) => slugOf(text),
  'a duration': (text) => secondsOf('--every', text),
  'a variable and its handler': (text) => parseEnv([text]),
  'a served page': (text) => referencesOf('/', text),
  'a served script': { parse: (text) => referencesOf('/a.js', text), units: ['import ', 'from("', 'import"/"'] },
  'a served policy': (text) => headerProblems('/', { 'content-security-policy': text, 'x-robots-tag': text }),
})
