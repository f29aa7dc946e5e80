import type { FamilyRecord } from './family-record.js';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): boolean => Number.isFinite(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isOptional =
    (is: (value: unknown) => boolean) =>
    (value: unknown): boolean =>
        value === undefined || is(value);

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const has =
    (shape: Shape) =>
    (value: unknown): boolean =>
        isObject(value) && Object.entries(shape).every(([name, is]) => is(value[name]));
const areAll =
    (is: (value: unknown) => boolean) =>
    (value: unknown): boolean =>
        isObject(value) && Object.values(value).every(is);

const isRecord = has({
    timeToLive: isNumber,
    tokens: areAll(
        has({
            generation: isText,
            grant: isObject,
            lifetime: isOptional(isNumber),
            timeLeft: isOptional(isNumber),
            isRefused: isOptional(isFlag),
        }),
    ),
    failures: areAll(has({ timeLeft: isNumber, message: isText, said: has({ status: isNumber }) })),
    refreshToken: isOptional(has({ value: isText, timeLeft: isOptional(isNumber) })),
    claim: isOptional(has({ id: isText, isUnderLock: isFlag, age: isNumber })),
});

/** @throws TypeError for what is no record, whoever wrote it */
export function checkRecord(value: unknown): asserts value is FamilyRecord & { readonly timeToLive: number } {
    if (!isRecord(value)) throw new TypeError('that is no record');
}
