import { type CommandParser, defineScript } from '@redis/client';

/** What both scripts touch: tenant window, client window, tenant leases, client leases. */
export type ScriptKeys = readonly [string, string, string, string];

/**
 * Both scripts as commands of a client: sent by hash, and whole to a Redis that does not know the hash.
 *
 * `takeLimits` has the arguments lease, tokens, window ms, lease ms, then requests, tokens and concurrent allowed to
 * the tenant, then to the client. It replies taken (1 or 0), now ms, then window end, requests, tokens and leases of
 * the tenant, then of the client.
 *
 * `settleLimits` has the arguments lease, change of requests, change of tokens, window ms, then the end of the
 * tenant's and of the client's window. It replies 1, or 0 when the lease was gone.
 */
export function limitScripts() {
  return { takeLimits: script<readonly number[]>(TAKE), settleLimits: script<number>(SETTLE) };
}

function script<Reply>(body: string) {
  return defineScript({
    SCRIPT: WINDOW + body,
    NUMBER_OF_KEYS: 4,
    parseCommand(parser: CommandParser, keys: ScriptKeys, args: readonly string[]) {
      parser.pushKeys([...keys]);
      parser.push(...args);
    },
    transformReply: (reply: unknown) => reply as Reply,
  });
}

/**
 * A window is text, `<ends ms> <requests> <tokens>`, on Redis' own clock: replicas need not agree on the time. One
 * that ends later than a fresh one would is left from before that clock was set back, and counts as ended.
 */
const WINDOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function running(text, lengthMs)
  local ends = now + lengthMs
  if text then
    local e, requests, tokens = string.match(text, '^(%d+) (%d+) (%d+)$')
    e = tonumber(e)
    if e > now and e <= ends then return e, tonumber(requests), tonumber(tokens) end
  end
  return ends, 0, 0
end
local function keep(key, ends, requests, tokens)
  redis.call('SET', key, string.format('%.0f %.0f %.0f', ends, requests, tokens), 'PX', ends - now)
end
`;

/**
 * Takes from tenant and client, or from neither. Each test asks "does it fit", because a comparison with NaN is false
 * and must then refuse. Expired leases are looked for only when the slots are all held.
 */
const TAKE = `
local tokens, windowMs, leaseMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local windows = redis.call('MGET', KEYS[1], KEYS[2])
local taken, holders = 1, {}
for i = 1, 2 do
  local ends, requests, used = running(windows[i], windowMs)
  local allowed = 2 + i * 3
  local slots = tonumber(ARGV[allowed + 2])
  local leases = redis.call('ZCARD', KEYS[i + 2])
  if not (leases + 1 <= slots) then
    redis.call('ZREMRANGEBYSCORE', KEYS[i + 2], '-inf', now)
    leases = redis.call('ZCARD', KEYS[i + 2])
  end
  local fits = requests + 1 <= tonumber(ARGV[allowed])
    and used + tokens <= tonumber(ARGV[allowed + 1])
    and leases + 1 <= slots
  if not fits then taken = 0 end
  holders[i] = { ends, requests, used, leases }
end
local reply = { taken, now }
for i = 1, 2 do
  local holder = holders[i]
  if taken == 1 then
    holder[2], holder[3], holder[4] = holder[2] + 1, holder[3] + tokens, holder[4] + 1
    keep(KEYS[i], holder[1], holder[2], holder[3])
    redis.call('ZADD', KEYS[i + 2], now + leaseMs, ARGV[1])
    redis.call('PEXPIRE', KEYS[i + 2], leaseMs)
  end
  for j = 1, 4 do reply[#reply + 1] = holder[j] end
end
return reply
`;

/**
 * Frees a lease and corrects the windows, once: a lease that is gone changes nothing, so that it may be sent again
 * when nobody knows whether it arrived. What is given back counts only in the window it was taken from; an excess is
 * charged to the running one.
 */
const SETTLE = `
if redis.call('ZREM', KEYS[3], ARGV[1]) == 0 then return 0 end
redis.call('ZREM', KEYS[4], ARGV[1])
local windows = redis.call('MGET', KEYS[1], KEYS[2])
for i = 1, 2 do
  local ends, requests, used = running(windows[i], tonumber(ARGV[4]))
  local requestsChange, tokensChange = tonumber(ARGV[2]), tonumber(ARGV[3])
  if ends ~= tonumber(ARGV[4 + i]) then requestsChange, tokensChange = 0, math.max(tokensChange, 0) end
  if requestsChange ~= 0 or tokensChange ~= 0 then
    keep(KEYS[i], ends, math.max(requests + requestsChange, 0), math.max(used + tokensChange, 0))
  end
end
return 1
`;
