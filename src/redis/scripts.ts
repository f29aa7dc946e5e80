// Each is one step for the server. KEYS[1] is an entry, KEYS[2] its lock, ARGV[1] the channel of its changes, to which a
// client adds no prefix as it does to keys. What is not ours there counts as absent. Where the user of a client may not
// publish, the others poll: pcall.

const PUBLISH = "redis.pcall('PUBLISH', ARGV[1], '')";
const WRITE = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
${PUBLISH}
return 1`;

/** `[generation, value, time to live]`, or nothing. */
export const GET = `
local entry = redis.pcall('HMGET', KEYS[1], 'generation', 'value')
if entry.err or not entry[1] then return false end
return {entry[1], entry[2] or '', redis.call('PTTL', KEYS[1])}`;

/** Generation, value, time to live. */
export const SET = WRITE;

/** Generation, value, time to live, and the generation that is expected, after a sign that there is one. */
export const COMPARE_AND_SET = `
local found = redis.pcall('HGET', KEYS[1], 'generation')
local is = type(found) == 'string' and '=' .. found or ''
if is ~= ARGV[5] then return 0 end
${WRITE}`;

export const DELETE = `
redis.call('DEL', KEYS[1])
${PUBLISH}
return 1`;

/** Owner, duration: the lock of a single instance, as the documentation of Redis describes it. */
export const LOCK = "return redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])";

/** Owner, duration. */
export const RENEW = `
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[3])`;

/** Owner. */
export const RELEASE = `
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
${PUBLISH}
return 1`;
