/** What the pages read: see apps/api/test/support/growth.ts for how a parser gets in here. */
import { testGrowth } from '../../api/test/support/growth.ts'
import { plainName } from '../src/open/save.ts'
import { propertiesOf } from '../src/own/properties.ts'
import { withFreeNames } from '../src/compose/files.ts'
import { estimateBits } from '../src/send/strength.ts'

testGrowth({
  'a received file’s name': (text) => plainName(text),
  'an attached file’s name': (text) => withFreeNames([new File([], text), new File([], text)], []),
  properties: { parse: (text) => propertiesOf(text, { a: text }), units: ['a=1\n', (index) => `a${index}=1\n`] },
  'a password': { parse: (text) => estimateBits(text) },
})
