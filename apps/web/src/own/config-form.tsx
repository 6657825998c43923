import { HalfkeyError, type KmsEntry } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Field } from '../ui/field.tsx'
import { ahead, LONG } from './durations.ts'
import { concernsField, explain } from './explain.ts'
import { useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, Choice, entriesOf, Lines } from './pieces.tsx'
import { linesOf, propertiesOf } from './properties.ts'

const DAY = 86_400

/** Of a choice: leaves it as it is. */
const SAME = 'same'
const NEVER = 'never'

const secondsOf = (choice: string): number | null | undefined =>
  choice === SAME ? undefined : choice === NEVER ? null : Number(choice)

/** Everything of a named secret but its value. */
export function ConfigForm({ entry, onChanged }: { entry: KmsEntry; onChanged: () => void }) {
  const { words, formats } = usePage()
  const { client, hasKey } = useOwner()
  const { handler, whitelist, rotateAfter, expiresAt } = entry
  const before = { name: entry.name ?? '', lines: linesOf(entry.properties ?? {}), ips: whitelist.join(', ') }
  const [name, setName] = useState(before.name)
  const [lines, setLines] = useState(before.lines)
  const [ips, setIps] = useState(before.ips)
  const [rotation, setRotation] = useState(SAME)
  const [expiry, setExpiry] = useState(SAME)
  const properties = propertiesOf(lines, entry.properties ?? {})
  // What another key sealed can be neither shown nor kept.
  const isReadable = hasKey && !entry.metaError

  const change = async (): Promise<void> => {
    if (!properties) throw new HalfkeyError('VALIDATION_ERROR', '', { details: { properties: [] } })
    const networks = entriesOf(ips)
    await client.kms.update(handler, {
      ...(isReadable && name !== before.name && { name }),
      ...(isReadable && lines !== before.lines && { properties }),
      whitelist: networks.length > 0 ? networks : null,
      rotateAfter: secondsOf(rotation),
      expiresIn: secondsOf(expiry),
    })
  }
  const explained = (error: unknown): string => {
    if (concernsField(error, 'properties')) return words.propertiesWrong
    return concernsField(error, 'whitelist') ? words.networksWrong : explain(error, words)
  }
  const every = LONG.map((seconds) => [String(seconds), words.everyDays(seconds / DAY)] as const)
  const nowRotates = rotateAfter === null ? words.never : words.everyDays(Math.round(rotateAfter / DAY))
  const nowExpires = expiresAt === null ? words.never : formats.moment(expiresAt)
  return (
    <ActionForm label={words.saveChanges} act={change} onDone={onChanged} explained={explained}>
      {isReadable && (
        <>
          <Field id="config-name" label={words.name} value={name} onValue={setName} dir="auto" />
          <Lines
            id="properties"
            label={words.properties}
            hint={words.propertiesHint}
            value={lines}
            onValue={setLines}
          />
        </>
      )}
      <Field id="whitelist" label={words.networks} hint={words.whitelistHint} value={ips} onValue={setIps} dir="ltr" />
      <Choice
        id="rotation"
        label={words.rotation}
        value={rotation}
        options={[[SAME, words.unchanged(nowRotates)], [NEVER, words.never], ...every]}
        onValue={setRotation}
      />
      <Choice
        id="expiry"
        label={words.expiresAt}
        value={expiry}
        options={[[SAME, words.unchanged(nowExpires)], [NEVER, words.never], ...ahead(LONG, formats)]}
        onValue={setExpiry}
      />
    </ActionForm>
  )
}
