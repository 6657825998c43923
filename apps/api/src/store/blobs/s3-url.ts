/** Reads HALFKEY_BLOB_URL and the credentials of the environment. */
import { StartRefused } from '../../start-refused.ts'

export interface S3Place {
  /** What keys are appended to: the bucket's URL with a trailing slash. */
  bucketUrl: string
  /** Empty, or ends in a slash. */
  prefix: string
  region: string
}

/** As the AWS tools name them. */
export interface S3Environment {
  AWS_ACCESS_KEY_ID?: string | undefined
  AWS_SECRET_ACCESS_KEY?: string | undefined
  AWS_SESSION_TOKEN?: string | undefined
}

export interface S3Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

const parameters = ['endpoint', 'region', 'path_style']

/**
 * `s3://bucket/prefix?endpoint=https://…&region=…&path_style=on`. Without an endpoint: Amazon's of the region (default
 * us-east-1). Path style, where the bucket is in the path instead of the host name, is the default with an endpoint.
 * Throws `StartRefused` for anything else.
 */
export function parseS3Url(text: string): S3Place {
  const refuse = (what: string): never => {
    throw new StartRefused(`HALFKEY_BLOB_URL: ${what}.`)
  }
  const url = URL.canParse(text) ? new URL(text) : refuse('it isn’t a URL')
  if (url.protocol !== 's3:') refuse('it must begin with s3://')
  if (url.username || url.password)
    refuse('it must not hold credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  const bucket = url.host
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) refuse(`“${bucket}” can’t be a bucket’s name`)
  for (const name of url.searchParams.keys())
    if (!parameters.includes(name)) refuse(`it has an unknown parameter, ${name}; there are ${parameters.join(', ')}`)
  for (const name of parameters) if (url.searchParams.getAll(name).length > 1) refuse(`${name} is there twice`)

  const region = url.searchParams.get('region') ?? 'us-east-1'
  if (!/^[a-z0-9-]{1,64}$/.test(region)) refuse('region must be a name such as eu-central-1')
  const given = url.searchParams.get('endpoint')
  const endpoint =
    parseEndpoint(given ?? `https://s3.${region}.amazonaws.com`) ??
    refuse('endpoint must be an http(s) address with neither path, query nor credentials')
  const style = url.searchParams.get('path_style') ?? (given === null ? 'off' : 'on')
  if (style !== 'on' && style !== 'off') refuse('path_style must be on or off')
  if (style === 'off' && bucket.includes('.') && endpoint.protocol === 'https:')
    refuse('no certificate covers a bucket with dots in its name: add path_style=on')

  const folders = url.pathname.split('/').filter((folder) => folder !== '')
  if (!folders.every((folder) => /^[A-Za-z0-9._-]+$/.test(folder)))
    refuse('the prefix may have letters, digits, dots, dashes, underscores and slashes')
  return {
    bucketUrl: style === 'on' ? `${endpoint.origin}/${bucket}/` : `${endpoint.protocol}//${bucket}.${endpoint.host}/`,
    prefix: folders.map((folder) => `${folder}/`).join(''),
    region,
  }
}

function parseEndpoint(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) return null
  return url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password ? url : null
}

/** Throws `StartRefused` that names the first variable that is missing. */
export function readCredentials(environment: S3Environment): S3Credentials {
  const need = (name: 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY'): string => {
    const value = environment[name]
    if (!value) throw new StartRefused(`${name} is not set: HALFKEY_BLOB_URL needs it.`)
    return value
  }
  return {
    accessKeyId: need('AWS_ACCESS_KEY_ID'),
    secretAccessKey: need('AWS_SECRET_ACCESS_KEY'),
    ...(environment.AWS_SESSION_TOKEN && { sessionToken: environment.AWS_SESSION_TOKEN }),
  }
}
