// Values of a matched event by name, as text, for the finding's group and for people: by the rule's own name first, then
// under the names that the event's kind maps it to. Where to look is found once a kind and name: noisy rules pass here.
import { kindById } from '../../../config/fields/kinds.ts';
import type { EventRow } from '../../../config/fields/row.ts';
import { placeOf, textOf, valueAt } from '../engine/places.ts';
import type { Place } from '../engine/places.ts';
import { fieldNames } from '../mapping/field-names.ts';

interface Named {
  readonly name: string;
  readonly place: Place;
}

export class FieldValues {
  /** By event kind, then by field. Fields come from rules, so there are only so many. */
  readonly #named: (Map<string, readonly Named[]> | undefined)[] = [];

  /** Empty when the event has no such value. */
  of(field: string, row: EventRow): string {
    for (const { name, place } of this.#namesOf(field, row.kindId)) {
      const value = valueAt(row, name, place);
      if (value !== undefined) return textOf(value);
    }
    return '';
  }

  #namesOf(field: string, kindId: number): readonly Named[] {
    const ofKind = (this.#named[kindId] ??= new Map());
    let named = ofKind.get(field);
    if (!named) {
      named = fieldNames(field, kindById(kindId)).map((name) => ({ name, place: placeOf(name) }));
      ofKind.set(field, named);
    }
    return named;
  }
}
