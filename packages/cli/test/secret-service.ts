/** A Secret Service of its own: GNOME's, on a session bus that nothing else is on, unlocked with an empty password. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface SecretService {
  /** What reaches it. */
  env: Record<string, string>
  /** All that it keeps on disk. */
  data: string
  stop(): Promise<void>
}

/** The daemon unlocks before it takes its name on the bus. */
const script = `
echo | gnome-keyring-daemon --foreground --unlock --components=secrets &
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \\
  string:org.freedesktop.secrets | grep -q true; do sleep 0.1; done
echo "address=$DBUS_SESSION_BUS_ADDRESS"
cat > /dev/null
kill %1`

export async function startSecretService(): Promise<SecretService> {
  const home = mkdtempSync(path.join(tmpdir(), 'halfkey-keyring-'))
  const data = path.join(home, 'data')
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: data }
  const child = spawn('dbus-run-session', ['--', 'bash', '-c', script], { env })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let output = ''
  const address = await new Promise<string>((resolve, reject) => {
    const missing = 'This test needs a Secret Service: apt-get install gnome-keyring libsecret-tools dbus'
    child.once('error', (cause) => reject(new Error(missing, { cause })))
    void ended.then(() => reject(new Error(`${missing}\n${output}`)))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const [, found] = /address=(.+)\n/.exec(output) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address },
    data,
    async stop() {
      child.stdin.end()
      await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}
