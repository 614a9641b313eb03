using Portico.Api.Validation;

namespace Portico.Api.Selectors;

/// <summary>Reads the query form of a label selector (grammar of apimachinery pkg/labels).</summary>
internal ref struct LabelSelectorText
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private LabelSelectorText(ReadOnlySpan<char> text) => _text = text;

    public static bool TryRead(string text, out IReadOnlyList<LabelRequirement> requirements, out string? error)
    {
        var found = new List<LabelRequirement>();
        requirements = found;
        var reader = new LabelSelectorText(text);
        error = reader.Requirements(found);
        return error is null;
    }

    private string? Requirements(List<LabelRequirement> found)
    {
        if (Peek().IsEmpty)
        {
            return null;
        }

        while (true)
        {
            if (Requirement(found) is { } error)
            {
                return $"unable to parse requirement: {error}";
            }

            var next = Take();
            if (next.IsEmpty)
            {
                return null;
            }

            if (next is not ",")
            {
                return $"found '{next}', expected: ',' or 'end of string'";
            }

            if (!IsWord(Peek()) && Peek() is not "!")
            {
                return $"found '{Peek()}', expected: identifier after ','";
            }
        }
    }

    private string? Requirement(List<LabelRequirement> found)
    {
        var absent = Peek() is "!";
        if (absent)
        {
            Take();
        }

        var key = Take();
        if (!IsWord(key))
        {
            return $"found '{key}', expected: identifier";
        }

        var name = key.ToString();
        if (Names.Qualified(name) is { } wrong)
        {
            return $"key: Invalid value: \"{name}\": {wrong}";
        }

        if (absent || Peek().IsEmpty || Peek() is ",")
        {
            found.Add(new(name, absent ? LabelOperation.DoesNotExist : LabelOperation.Exists, []));
            return null;
        }

        var word = Take();
        var values = new List<string>();
        LabelOperation operation;
        switch (word)
        {
            case "in":
                operation = LabelOperation.In;
                break;
            case "notin":
                operation = LabelOperation.NotIn;
                break;
            case "=" or "==":
                operation = LabelOperation.In;
                break;
            case "!=":
                operation = LabelOperation.NotIn;
                break;
            case ">":
                operation = LabelOperation.Greater;
                break;
            case "<":
                operation = LabelOperation.Less;
                break;
            default:
                return $"found '{word}', expected: in, notin, =, ==, !=, gt, lt";
        }

        var error = word is "in" or "notin" ? Values(values) : Value(values);
        error ??= Check(operation, values);
        if (error is null)
        {
            found.Add(new(name, operation, values));
        }

        return error;
    }

    private string? Values(List<string> values)
    {
        if (Take() is not "(")
        {
            return "expected: '('";
        }

        // Nothing between two commas, or in (), is the empty value.
        while (true)
        {
            if (IsWord(Peek()))
            {
                values.Add(Take().ToString());
            }
            else
            {
                values.Add("");
            }

            var next = Take();
            if (next is ")")
            {
                return null;
            }

            if (next is not ",")
            {
                return $"found '{next}', expected: ',' or ')'";
            }
        }
    }

    private string? Value(List<string> values)
    {
        if (Peek().IsEmpty || Peek() is ",")
        {
            values.Add("");
            return null;
        }

        var value = Take();
        values.Add(value.ToString());
        return IsWord(value) ? null : $"found '{value}', expected: identifier";
    }

    private static string? Check(LabelOperation operation, List<string> values)
    {
        foreach (var value in values)
        {
            if (operation is LabelOperation.Greater or LabelOperation.Less && !LabelRequirement.TryNumber(value, out _))
            {
                return $"values: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer";
            }

            if (Names.LabelValue(value) is { } wrong)
            {
                return $"values: Invalid value: \"{value}\": {wrong}";
            }
        }

        return null;
    }

    private static bool IsWord(ReadOnlySpan<char> token) => !token.IsEmpty && !IsSymbol(token[0]);

    private static bool IsSymbol(char letter) => letter is '=' or '!' or '(' or ')' or ',' or '>' or '<';

    private static bool IsSpace(char letter) => letter is ' ' or '\t' or '\r' or '\n';

    private readonly ReadOnlySpan<char> Peek()
    {
        var copy = this;
        return copy.Take();
    }

    // A word, an operator or one bracket; empty at the end.
    private ReadOnlySpan<char> Take()
    {
        while (_at < _text.Length && IsSpace(_text[_at]))
        {
            _at++;
        }

        var start = _at;
        if (start == _text.Length)
        {
            return [];
        }

        _at++;
        if (!IsSymbol(_text[start]))
        {
            while (_at < _text.Length && !IsSymbol(_text[_at]) && !IsSpace(_text[_at]))
            {
                _at++;
            }
        }
        else if (_text[start] is '=' or '!' && _at < _text.Length && _text[_at] == '=')
        {
            _at++;
        }

        return _text[start.._at];
    }
}
