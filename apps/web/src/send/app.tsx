import { Frame } from '../ui/frame.tsx'
import { usePage } from './page.ts'

export function App() {
  const page = usePage()
  return (
    <Frame page={page}>
      <h1>{page.words.title}</h1>
      <p>{page.words.inATerminal}</p>
      <pre tabIndex={0}>echo 'my first secret' | npm run -s halfkey -- create -</pre>
    </Frame>
  )
}
