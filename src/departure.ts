/**
 * Follows `pending`, unless the caller leaves before it settles. Leaving ends the wait of that caller alone: what it
 * waited for goes on.
 *
 * @param arm - registers the ways to leave, and returns what takes them off again
 */
export function untilDeparture<T>(
    pending: Promise<T>,
    arm: (leave: (reason: unknown) => void) => () => void,
): Promise<T> {
    return new Promise<T>((resolve, reject) => {
        const disarm = arm((reason) => {
            disarm();
            reject(reason);
        });
        pending.then(
            (value) => {
                disarm();
                resolve(value);
            },
            (error: unknown) => {
                disarm();
                reject(error);
            },
        );
    });
}
