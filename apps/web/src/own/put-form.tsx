import { HalfkeyError } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Field } from '../ui/field.tsx'
import { ahead, LONG } from './durations.ts'
import { concernsField, explain } from './explain.ts'
import { useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, Choice, Lines } from './pieces.tsx'

interface PutFormProps {
  /** Of which a new version is put; undefined: of one that is to be named. */
  handler?: string
  onPut: (handler: string, version: number) => void
}

/** A value, sealed here and put as the newest version. */
export function PutForm({ handler, onPut }: PutFormProps) {
  const { words, formats } = usePage()
  const { client } = useOwner()
  const isNew = handler === undefined
  const [typed, setTyped] = useState('')
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const [expiresIn, setExpiresIn] = useState('')

  const put = async (): Promise<void> => {
    const { handler: stored, version } = await client.kms.put(handler ?? typed.trim(), value, {
      // A new one must not become another's next version, whose name it would replace.
      version: isNew ? 1 : undefined,
      name: name === '' ? undefined : name,
      expiresIn: expiresIn === '' ? undefined : Number(expiresIn),
    })
    setValue('')
    onPut(stored, version)
  }
  const explained = (error: unknown): string => {
    if (concernsField(error, 'handler')) return words.handlerWrong
    if (isNew && error instanceof HalfkeyError && error.code === 'CONFLICT') return words.handlerTaken
    return explain(error, words)
  }
  return (
    <ActionForm label={words.put} act={put} onDone={() => undefined} explained={explained}>
      {isNew && (
        <>
          <Field
            id="handler"
            label={words.handler}
            hint={words.handlerHint}
            value={typed}
            onValue={setTyped}
            required
            maxLength={128}
            dir="ltr"
          />
          <Field id="new-name" label={words.nameOptional} value={name} onValue={setName} dir="auto" />
        </>
      )}
      <Lines id="value" label={words.value} hint={words.valueHint} value={value} onValue={setValue} required />
      <Choice
        id="put-expires"
        label={words.expiresAt}
        value={expiresIn}
        options={[['', words.never], ...ahead(LONG, formats)]}
        onValue={setExpiresIn}
      />
    </ActionForm>
  )
}
