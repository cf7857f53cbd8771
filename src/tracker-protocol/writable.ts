/**
 * A type whose fields can be written, for an object whose optional parts are added one by one, because spreading objects
 * makes garbage.
 */
export type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
