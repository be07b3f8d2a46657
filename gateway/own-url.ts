/** The gateway's own origin; an IPv6 address stands in brackets (RFC 3986 section 3.2.2). */
export function ownUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
