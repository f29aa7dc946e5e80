import { checkFields, FILLED_STRING, optional, type FieldCheck, type FieldChecks } from '../options.js';
import { TIMES } from './arguments.js';
import type { Fault, InjectionOptions, TestEndpoint } from './faults.js';

const LONGEST_TIMER = 2_147_483_647;

function oneOf(values: readonly string[]): FieldCheck {
    return [`one of ${values.join(', ')}`, (value) => values.includes(value as string)];
}

function numberFrom(least: number, most: number, of: string): FieldCheck {
    const bounds = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
    const test = (value: unknown): boolean => Number.isFinite(value) && Number(value) >= least && Number(value) <= most;
    return [`a number of ${of}, ${bounds}`, test];
}

function wholeFrom(least: number, most: number, of: string): FieldCheck {
    const [expected, test] = numberFrom(least, most, of);
    return [expected.replace('a number', 'a whole number'), (value) => Number.isInteger(value) && test(value)];
}

function isInJson(value: unknown): boolean {
    if (typeof value === 'number') return Number.isFinite(value);
    try {
        return value === undefined || JSON.stringify(value) !== undefined;
    } catch {
        return false;
    }
}

function statusFrom(least: number, most: number): FieldCheck {
    const [, test] = wholeFrom(least, most, '');
    return [`an HTTP status from ${least} to ${most}`, test];
}

const HEADER: FieldCheck = [
    'a text that a header can carry',
    (value) => typeof value === 'string' && /^[\x20-\x7E]+$/.test(value),
];

const PARAMETERS: FieldCheck = [
    'an object of values that JSON has',
    (value) => Object(value) === value && Object.values(value as object).every(isInJson),
];

// Made when they are needed: who imports the contracts of stores alone does not bundle them.
const checksOfFaults = (): { readonly [Type in Fault['type']]: FieldChecks } => ({
    delay: { milliseconds: numberFrom(0, LONGEST_TIMER, 'milliseconds') },
    hold: {},
    reset: { when: oneOf(['before-request', 'after-request']) },
    'lost-answer': {},
    cut: { within: oneOf(['headers', 'body']) },
    'slow-loris': { milliseconds: optional(numberFrom(0, LONGEST_TIMER, 'milliseconds')) },
    'endless-body': {},
    'gzip-bomb': {},
    'truncated-json': {},
    html: { status: optional(statusFrom(200, 599)) },
    'content-type': { contentType: optional(HEADER) },
    redirect: { status: optional(statusFrom(300, 399)), location: optional(HEADER) },
    status: {
        status: statusFrom(200, 599),
        error: optional(FILLED_STRING),
        retryAfter: optional(wholeFrom(0, Infinity, 'seconds')),
        retryAfterForm: optional(oneOf(['seconds', 'date'])),
    },
    'duplicate-keys': {},
    'huge-token': { characters: optional(wholeFrom(1_000, 2 ** 24, 'characters')) },
    'grant-parameters': { parameters: PARAMETERS },
});

const OF_GRANTS: readonly Fault['type'][] = ['duplicate-keys', 'huge-token', 'grant-parameters'];
const ENDPOINTS: readonly TestEndpoint[] = ['token', 'revocation', 'introspection', 'metadata', 'resource'];

/** @throws TypeError that names the field and what was given */
export function checkedFault(given: Fault): Fault {
    const { type } = Object(given) as Fault;
    const all = checksOfFaults();
    const checks = Object.hasOwn(all, type) ? all[type] : {};
    return checkFields('inject', 'fault', given, { type: oneOf(Object.keys(all)), ...checks });
}

/** What requests a fault befalls. */
export interface Injection {
    readonly times: number;
    readonly endpoint: TestEndpoint;
    readonly grantType?: string | undefined;
}

/** @throws TypeError that names the option and what was given, or says which two do not go together */
export function checkedInjection(fault: Fault, given: InjectionOptions): Injection {
    const options = checkFields('inject', 'options', given, {
        times: TIMES,
        grantType: optional(FILLED_STRING),
        endpoint: optional(oneOf(ENDPOINTS)),
    });
    const { times = 1, endpoint = 'token', grantType } = options;
    if (endpoint !== 'token' && OF_GRANTS.includes(fault.type)) {
        throw new TypeError(`inject: a fault of type '${fault.type}' is for the token endpoint, not ${endpoint}`);
    }
    if (grantType !== undefined && endpoint !== 'token') {
        throw new TypeError(`inject: options.grantType is for the token endpoint, not ${endpoint}`);
    }
    if (grantType !== undefined && fault.type === 'reset' && fault.when === 'before-request') {
        throw new TypeError('inject: options.grantType is not known before the request is read');
    }
    return { ...options, times, endpoint };
}
