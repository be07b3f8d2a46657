import { isAlphanumeric, isBlank, isLetter } from './characters.ts';
import { isDefinition, isPublicPage } from './harmless-url.ts';
import type { Finding } from './labels.ts';
import type { Scene } from './scene.ts';
import { codeAt, NONE, type Window } from './window.ts';

const AT = 64;
const DOT = 46;
const COLON = 58;
const SLASH = 47;

/** Runs this long without a blank are no language: they are hidden whole. */
const OPAQUE_UNITS = 160;

/** What searching one run of address characters told. */
export interface AddressSearch {
  readonly finding: Finding | null;
  /** The run needs no other search before this unit. */
  readonly until: number;
  /** A web address that may stay: passed over whole. */
  readonly passTo: number;
}

/** Looks for an e-mail address, a web address or an opaque run that starts here. */
export function searchAddress(scene: Scene, at: number): AddressSearch {
  const { window } = scene;
  const end = localEnd(window, at);
  const mark = codeAt(window, end);
  if (mark === AT && end > at) return { finding: emailFrom(window, end), until: end, passTo: at };
  if (mark === COLON && codeAt(window, end + 1) === SLASH && codeAt(window, end + 2) === SLASH) {
    return webAddress(scene, at, end);
  }
  if (end - at >= OPAQUE_UNITS) return { finding: opaqueFrom(window, at, end), until: end, passTo: at };
  const host = window.text.slice(at, end);
  if (!isBareHost(host) && !(leads(window, end) && isLinked(host)))
    return { finding: null, until: end, passTo: at };
  const urlEnd = mark === SLASH || mark === 63 ? trimmedUrlEnd(window, end) : trimDots(window, at, end);
  return { finding: { end: urlEnd, label: 'URL' }, until: end, passTo: at };
}

function localEnd(window: Window, at: number): number {
  let end = at;
  while (end - at < OPAQUE_UNITS && isLocal(codeAt(window, end))) end++;
  return end;
}

/** Characters of the part of an e-mail address before the @, in practice (RFC 5321 allows more). */
export function isLocal(code: number): boolean {
  return isAlphanumeric(code) || code === DOT || code === 45 || code === 95 || code === 43 || code === 37;
}

function emailFrom(window: Window, at: number): Finding | null {
  let end = at + 1;
  while (end - at < 64 && isHost(codeAt(window, end))) end++;
  while (end > at + 1 && !isAlphanumeric(codeAt(window, end - 1))) end--;
  const host = window.text.slice(at + 1, end);
  if (!/^[^.]+(\.[^.]+)*\.[^.\d]{2,}$/.test(host)) return null;
  return { end, label: 'EMAIL' };
}

function isHost(code: number): boolean {
  return isAlphanumeric(code) || code === DOT || code === 45;
}

function opaqueFrom(window: Window, at: number, end: number): Finding | null {
  let solid = 0;
  for (let i = at; i < end; i++) if (isAlphanumeric(codeAt(window, i))) solid++;
  return solid * 2 < OPAQUE_UNITS ? null : { end, label: 'OTHER_ID', runsOn: 'opaque' };
}

function webAddress({ window, left }: Scene, at: number, colon: number): AddressSearch {
  const scheme = window.text.slice(at, colon).toLowerCase();
  if (!/^(https?|s?ftp|file|wss?|s3)$/.test(scheme)) return { finding: null, until: colon, passTo: at };
  const end = trimmedUrlEnd(window, colon + 3);
  const rest = window.text.slice(colon + 3, end);
  const defines = (left.inValue && left.member?.kind === 'code') || namesExtension(window, end);
  if (defines ? isDefinition(rest) : isPublicPage(rest)) return { finding: null, until: end, passTo: end };
  const whole = isUrl(codeAt(window, end));
  return {
    finding: { end, label: 'URL', ...(whole ? { runsOn: 'url' as const } : {}) },
    until: end,
    passTo: at,
  };
}

/** The `url` of a FHIR extension stands before its value and says what kind of thing that is. */
function namesExtension(window: Window, end: number): boolean {
  if (codeAt(window, end) !== 34 || codeAt(window, end + 1) !== 44) return false;
  let quote = end + 2;
  while (quote - end < 60 && isBlank(codeAt(window, quote))) quote++;
  if (codeAt(window, quote) !== 34) return false;
  for (let i = 1; i <= 9; i++) codeAt(window, quote + i);
  return /^(value[A-Z]|extension)/.test(window.text.slice(quote + 1, Math.min(quote + 10, window.limit)));
}

const URL_UNITS = 200;

function trimmedUrlEnd(window: Window, at: number): number {
  let end = at;
  while (end - at < URL_UNITS && isUrl(codeAt(window, end))) end++;
  if (end - at === URL_UNITS) return end;
  while (end > at && ".,;:!?)]}'*".includes(window.text.charAt(end - 1))) end--;
  return end;
}

/** Characters that carry a web address on. */
export function isUrl(code: number): boolean {
  return (
    code !== NONE && !isBlank(code) && code !== 34 && code !== 60 && code !== 62 && code !== 92 && code !== 91
  );
}

/** A path or a query with something in it, right behind a host. */
function leads(window: Window, end: number): boolean {
  const mark = codeAt(window, end);
  return (mark === SLASH || mark === 63) && isAlphanumeric(codeAt(window, end + 1));
}

/** Hosts of endings that are words or too short to stand alone: with a path behind they are addresses. */
function isLinked(host: string): boolean {
  return /^(?=.{4,})(?:[a-z0-9-]+\.)+(?:[a-z]{2,3}\.(?:uk|au|nz|za|jp|br)|ly|io|gl|uk|de|fr|ca|au|eu|ch|nl|es|it|se|dk|tv|me|gg|app|dev|gov|mil|int|link|page|site|online|cloud|health|clinic|care)$/i.test(
    host,
  );
}

function isBareHost(run: string): boolean {
  if (/^www\.[a-z0-9-]+\.[a-z]{2,}/i.test(run)) return true;
  return /^[a-z0-9-]{3,}(\.[a-z0-9-]+)*\.(com|org|net|edu|info|biz)\.?$/i.test(run);
}

function trimDots(window: Window, at: number, end: number): number {
  let last = end;
  while (last > at && !isLetter(codeAt(window, last - 1))) last--;
  return last;
}
