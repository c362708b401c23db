"""What the forms of REST calls are put together from, as JSON Schema."""

Schema = dict[str, object]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": ["boolean", "null"]}
WHOLE: Schema = {"type": "integer"}
DIGITS: Schema = {"type": "string", "pattern": "^-?[0-9]+$"}
NUMBER: Schema = {"type": ["integer", "string", "null"]}
"""A number that is sent: 64-bit ones may be texts."""


def fields(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Give an object with these members, of which some must be there."""
    found: Schema = {"type": "object", "properties": properties}
    return found | {"required": list(required)} if required else found


def every(**properties: Schema) -> Schema:
    """Give an object all of whose members are always there."""
    return fields(tuple(properties), **properties)


def listed(of: Schema) -> Schema:
    """Give a list."""
    return {"type": "array", "items": of}


def sent(of: Schema, most: int = 1000) -> Schema:
    """Give a list that is sent: null is an empty one."""
    return {"type": ["array", "null"], "items": of, "maxItems": most}


def ref(name: str) -> Schema:
    """Give what is described once under this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(schema: Schema) -> Schema:
    """Give a content of JSON."""
    return {"application/json": {"schema": schema}}
