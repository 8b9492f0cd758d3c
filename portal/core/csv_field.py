from django import forms


class CsvFileField(forms.FileField):
    """A file to be read by :mod:`portal.core.csv_file`, which has words of its own for one that is empty."""

    def __init__(self, *, most_rows: int, most_bytes: int) -> None:
        super().__init__(
            label="CSV file",
            allow_empty_file=True,
            max_length=500,
            widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
            help_text=f"At most {most_rows:,} rows and {most_bytes // 1024 // 1024} MB.",
            error_messages={"required": "Choose the file.", "invalid": "The file did not arrive. Choose it again."},
        )
