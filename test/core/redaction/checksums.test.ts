import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isIpv4,
  isIpv6,
  passesDea,
  passesIban,
  passesLuhn,
  passesVin,
} from '../../../gateway/core/redaction/checksums.ts';

test('each checksum takes its published example and refuses it with one digit changed', () => {
  assert.ok(passesLuhn('4111111111111111') && !passesLuhn('4111111111111112'));
  assert.ok(passesIban('GB82WEST12345698765432') && !passesIban('GB82WEST12345698765433'));
  assert.ok(passesVin('1M8GDM9AXKP042788') && !passesVin('1M8GDM9A1KP042788'));
  assert.ok(passesDea('AB1234563') && !passesDea('AB1234564'));
});

test('network addresses have their own form', () => {
  assert.ok(isIpv4('192.168.1.255') && !isIpv4('192.168.1.256') && !isIpv4('1.2.3'));
  assert.ok(isIpv6('2001:db8::1') && isIpv6('1:2:3:4:5:6:7:8') && !isIpv6('1:2:3') && !isIpv6('1::2::3'));
});
