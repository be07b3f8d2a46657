/** ISO/IEC 7812: payment cards and the like. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO 13616: bank accounts; letters count from ten, the first four characters last. */
export function passesIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2] as const;
const VIN_VALUES = 'A1B2C3D4E5F6G7H8J1K2L3M4N5P7R9S2T3U4V5W6X7Y8Z9';

/** 49 CFR 565.15: the ninth character of a vehicle identification number checks the others. */
export function passesVin(text: string): boolean {
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(text)) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += vinValue(text.charAt(i)) * (VIN_WEIGHTS[i] ?? 0);
  const check = sum % 11;
  return text.charAt(8) === (check === 10 ? 'X' : String(check));
}

function vinValue(character: string): number {
  if (character >= '0' && character <= '9') return Number(character);
  return Number(VIN_VALUES.charAt(VIN_VALUES.indexOf(character) + 1));
}

/** 21 CFR 1301: a prescriber's DEA number; the last digit checks the six before. */
export function passesDea(text: string): boolean {
  if (!/^[A-Z][A-Z9]\d{7}$/.test(text)) return false;
  const d = [...text.slice(2)].map(Number);
  const sum = (d[0] ?? 0) + (d[2] ?? 0) + (d[4] ?? 0) + 2 * ((d[1] ?? 0) + (d[3] ?? 0) + (d[5] ?? 0));
  return sum % 10 === d[6];
}

/** An address of four numbers up to 255. */
export function isIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

/** An address of eight groups of up to four hexadecimal digits, one run of zero groups left out at most (RFC 4291). */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length >= 1 && groups.length < 8 : groups.length === 8;
}
