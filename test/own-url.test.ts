import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownUrl } from '../gateway/own-url.ts';

test('an address of either kind, and a name, makes a URL that can be asked', () => {
  assert.equal(ownUrl({ host: '127.0.0.1', port: 8080 }), 'http://127.0.0.1:8080');
  assert.equal(ownUrl({ host: 'localhost', port: 8080 }), 'http://localhost:8080');
  assert.equal(ownUrl({ host: '::1', port: 8080 }), 'http://[::1]:8080');
  assert.equal(new URL(ownUrl({ host: '::1', port: 8080 })).hostname, '[::1]');
});
