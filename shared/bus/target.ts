/** Splits `nats://user:password@host:port` into what the client wants: it does not read credentials from a URL. */
export function connectionTarget(url: string): { servers: string; user?: string; pass?: string } {
  const parsed = new URL(url);
  const servers = `${parsed.protocol}//${parsed.host}`;
  if (!parsed.username) return { servers };
  return { servers, user: decodeURIComponent(parsed.username), pass: decodeURIComponent(parsed.password) };
}
