/** Small plots, each with the same figures as a table for whoever doesn't see them. */
import { usePage } from './page.ts'

interface Share {
  name: string
  value: number
}

/** Parts of a whole, as one bar with a legend. */
export function Shares({ label, shares }: { label: string; shares: readonly Share[] }) {
  const { formats } = usePage()
  const total = shares.reduce((sum, { value }) => sum + value, 0)
  let start = 0
  return (
    <div class="plot">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" class="shares" aria-hidden="true">
        <rect class="empty" width="100" height="6" />
        {shares.map(({ name, value }, index) => {
          const width = total === 0 ? 0 : (value / total) * 100
          const x = start
          start += width
          return <rect key={name} class={`series-${index}`} x={x} width={width} height="6" />
        })}
      </svg>
      <table class="legend" aria-label={label}>
        <tbody>
          {shares.map(({ name, value }, index) => (
            <tr key={name}>
              <th scope="row">
                <span class={`swatch series-${index}`} />
                {name}
              </th>
              <td>{formats.number(value)}</td>
              <td class="hint">{formats.percent(total === 0 ? 0 : value / total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface BarsProps {
  label: string
  /** What a group is, such as a day. */
  groupLabel: string
  /** Of each group's values. */
  names: readonly string[]
  groups: readonly { name: string; values: readonly number[] }[]
}

const HEIGHT = 40
const GROUP = 10

/** Groups of bars beside each other, one colour for each name. */
export function Bars({ label, groupLabel, names, groups }: BarsProps) {
  const { formats } = usePage()
  const most = Math.max(1, ...groups.flatMap(({ values }) => values))
  const width = (GROUP - 2) / names.length
  return (
    <div class="plot">
      <p class="keys" aria-hidden="true">
        {names.map((name, index) => (
          <span key={name}>
            <span class={`swatch series-${index}`} />
            {name}
          </span>
        ))}
        <span class="hint">{formats.number(most)} ↑</span>
      </p>
      <svg
        viewBox={`0 0 ${groups.length * GROUP} ${HEIGHT}`}
        class="bars"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path class="base" d={`M0 ${HEIGHT}H${groups.length * GROUP}M0 0H${groups.length * GROUP}`} />
        {groups.flatMap(({ name, values }, group) =>
          values.map((value, index) => {
            const height = (value / most) * HEIGHT
            const x = group * GROUP + 1 + index * width
            return (
              <rect
                key={`${name} ${index}`}
                class={`series-${index}`}
                x={x}
                y={HEIGHT - height}
                width={width * 0.9}
                height={height}
              />
            )
          }),
        )}
      </svg>
      <p class="ends hint" aria-hidden="true">
        <span>{groups[0]?.name}</span>
        <span>{groups.at(-1)?.name}</span>
      </p>
      <table class="unseen">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{groupLabel}</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ name, values }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={index}>{formats.number(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
