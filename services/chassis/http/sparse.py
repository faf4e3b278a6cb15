"""A schema that looks only at what was sent: many fields may be absent, and usually are."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, ValidationError, fields, missing

_Named = tuple[str, "fields.Field[Any]"]


class SparseSchema(Schema):
    """Loads exactly as `Schema` does, in time that grows with the document and not with the schema.

    marshmallow visits every declared field, the absent ones too; a body with some three hundred
    optional fields, of which thirty were sent, costs ten times what it need. Only required fields
    and those with a default are visited here although they are absent.
    """

    def _deserialize(
        self,
        data: Any,
        *,
        error_store: Any,
        many: bool = False,
        partial: Any = None,
        unknown: Any = RAISE,
        index: int | None = None,
    ) -> Any:
        if many or not isinstance(data, Mapping) or not (partial is None or partial is True):
            return super()._deserialize(
                data,
                error_store=error_store,
                many=many,
                partial=partial,
                unknown=unknown,
                index=index,
            )
        place = index if self.opts.index_errors else None
        onward = {"partial": True} if partial else {}
        loaded = self.dict_class()
        for key, value in self._to_visit(data, all_optional=partial is True):
            if key in self._by_key:
                name, field = self._by_key[key]
                try:
                    result = field.deserialize(value, key, data, **onward)
                except ValidationError as error:
                    error_store.store_error(error.messages, key, index=place)
                    result = error.valid_data or missing
                if result is not missing:
                    loaded[field.attribute or name] = result
            elif unknown == INCLUDE:
                loaded[key] = value
            elif unknown != EXCLUDE:
                error_store.store_error([self.error_messages["unknown"]], key, place)
        return loaded

    def _to_visit(self, data: Mapping[str, Any], *, all_optional: bool) -> list[tuple[str, Any]]:
        visited = list(data.items())
        if not all_optional:
            visited += [(key, missing) for key in self._never_skipped if key not in data]
        return visited

    @cached_property
    def _by_key(self) -> dict[str, _Named]:
        return {
            field.data_key if field.data_key is not None else name: (name, field)
            for name, field in self.load_fields.items()
        }

    @cached_property
    def _never_skipped(self) -> tuple[str, ...]:
        return tuple(
            key
            for key, (_, field) in self._by_key.items()
            if field.required or field.load_default is not missing
        )
