/** Splits a mail's text so that links of our own questions, and no others, can be made clickable. Pure. */
export function splitLinks(text: string, publicUrl: string): { readonly text: string; readonly link: boolean }[] {
  const bases = [publicUrl, publicUrl.replace('//127.0.0.1', '//localhost')].map((base) =>
    base.replace(/\/+$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  const ours = new RegExp(`((?:${bases.join('|')})/escalations/[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])`, 'g');
  return text.split(ours).flatMap((part, index) => (part === '' ? [] : [{ text: part, link: index % 2 === 1 }]));
}
